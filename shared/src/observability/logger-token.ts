/** The injection token of the service's pino logger: `constructor(@Inject(LOGGER) private readonly logger: Log)`. */
export const LOGGER = Symbol('logger');
