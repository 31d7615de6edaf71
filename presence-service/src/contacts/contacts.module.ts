import { Module } from '@nestjs/common';
import { ContactsConsumer } from './contacts.consumer.js';
import { ContactsService } from './contacts.service.js';

@Module({ controllers: [ContactsConsumer], providers: [ContactsService], exports: [ContactsService] })
export class ContactsModule {}
