import { Body, Controller, Get, Inject, Injectable, type PipeTransform, Post, Query } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { expect, it } from 'vitest';
import { openApiDocument } from '../src/bootstrap/index.js';
import { PageQuery } from '../src/http/index.js';

class Unreachable {
  constructor() {
    throw new Error('a document needs no dependency');
  }
}

const TOKEN = Symbol('token');

@Injectable()
class NeedyPipe implements PipeTransform {
  constructor(readonly unreachable: Unreachable) {}

  transform(value: unknown): unknown {
    return value;
  }
}

class BookDto {
  @ApiProperty({ maxLength: 100 })
  title: string;
}

@Controller('books')
class BooksController {
  constructor(
    private readonly unreachable: Unreachable,
    @Inject(TOKEN) private readonly other: { url: string },
  ) {
    throw new Error(`a document needs no controller at work: ${String(this.unreachable)}${this.other.url}`);
  }

  @Get()
  list(@Query() _query: PageQuery): void {}

  @Post()
  add(@Body(NeedyPipe) _book: BookDto): void {}
}

it('describes the routes of controllers without constructing them or anything that they need', async () => {
  const document = await openApiDocument({ title: 'library', description: 'Books' }, [BooksController], [Unreachable]);
  expect(document.info).toMatchObject({ title: 'library', description: 'Books', version: '1.0' });
  expect(Object.keys(document.paths['/books']!)).toEqual(['get', 'post']);
  expect(document.paths['/books']!.get!.parameters).toHaveLength(2);
  expect(document.components!.schemas!.BookDto).toMatchObject({ properties: { title: { maxLength: 100 } } });
});
