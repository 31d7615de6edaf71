/** The name of a service, in its log lines, its error codes and its internal tokens. */
export type ServiceName = 'api-gateway' | 'auth-service' | 'chat-service' | 'presence-service' | 'profile-service' | 'notification-service';

/** The bearer token of a request to a service: a text, or a function that makes one for the service that receives the request. */
export type RequestToken = string | ((receiver: ServiceName) => string);
