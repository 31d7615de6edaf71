export { eventually } from '@chat/shared/testing';
