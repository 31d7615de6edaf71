export * from './cloudinary.config.js';
export * from './create-media-storage.js';
export * from './media-storage.js';
export * from './media-storage.config.js';
export * from './s3.config.js';
export * from './storage-key.js';
export * from './storage.errors.js';
