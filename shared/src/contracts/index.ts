export * from './auth.contract.js';
export * from './chat.contract.js';
export * from './feed.contract.js';
export * from './notification.contract.js';
export * from './oauth.contract.js';
export * from './pages.contract.js';
export * from './presence.contract.js';
export * from './profile.contract.js';
