// Which folder may import which. `npm run check` and `npm test` run it.
const SERVICE = '(api-gateway|auth-service|chat-service|presence-service|profile-service|notification-service)';
const UNIT_TEST = '\\.test\\.ts$';

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** The folders of a package in layers, the lowest first: a folder imports only from its own layer or a lower one. */
const LAYERS = {
  shared: [
    ['errors', 'config', 'events', 'contracts', 'async', 'observability', 'search'],
    ['database', 'kafka', 'realtime', 'http', 'rpc', 'media'],
    ['outbox', 'consumer', 'auth', 'rate-limits'],
    ['uploads'],
    ['bootstrap', 'testing', 'cli'],
    ['entry'],
  ],
  'auth-service': [
    ['accounts', 'client', 'audit-log', 'secrets', 'jobs', 'rate-limits'],
    ['passwords', 'login-throttle', 'signing-keys', 'sessions', 'mail', 'mfa'],
    ['sign-in', 'registration', 'oauth', 'cli'],
  ],
  setup: [['secrets', 'provision'], ['migrate'], ['cli']],
  'chat-service': [['database'], ['users', 'receipts', 'roles', 'files'], ['blocks'], ['messages'], ['conversations', 'search', 'typing']],
  'api-gateway': [['graphql', 'clients'], ['account', 'chat', 'files', 'profiles', 'presence', 'notifications'], ['streams'], ['sockets']],
};

const layerRules = Object.entries(LAYERS).flatMap(([workspace, layers]) =>
  layers.slice(0, -1).map((folders, index) =>
    rule(
      `${workspace}-layer-${index + 1}`,
      'A folder imports only from its own layer or a lower one.',
      { path: `^${workspace}/src/(${folders.join('|')})/`, pathNot: UNIT_TEST },
      {
        path: `^${workspace}/src/(${layers
          .slice(index + 1)
          .flat()
          .join('|')})/`,
      },
    ),
  ),
);

export default {
  forbidden: [
    ...layerRules,
    rule(
      'entry-files-are-above',
      'The files directly in src/ put a service together; only config.ts is for its folders.',
      { path: `^${SERVICE}/src/[^/]+/`, pathNot: [UNIT_TEST, '^[^/]+/src/(migrations|cli)/'] },
      { path: `^${SERVICE}/src/[^/]+\\.ts$`, pathNot: '/config\\.ts$' },
    ),
    rule('no-circle-of-files', 'A file does not import itself, by whatever way.', {}, { circular: true }),
    {
      name: 'no-circle-of-folders',
      comment: 'The folders of a package have an order in which they can be read.',
      severity: 'error',
      scope: 'folder',
      from: { path: '^[^/]+/src/[^/]+$' },
      to: { path: '^[^/]+/src/[^/]+$', circular: true },
    },
    rule(
      'services-are-apart',
      'Services meet only through shared/contracts (HTTP) and shared/events (Kafka).',
      { path: `^${SERVICE}/` },
      { path: `^${SERVICE}/`, pathNot: '^$1/' },
    ),
    rule(
      'setup-migrates-alone',
      'setup knows the data sources of the services, and nothing else of them.',
      { path: '^setup/' },
      { path: `^${SERVICE}/`, pathNot: '/src/data-source\\.ts$' },
    ),
    rule('services-without-setup', 'No service needs setup.', { path: `^(${SERVICE}|shared|testkit)/` }, { path: '^setup/' }),
    rule(
      'shared-by-entry-points',
      'A service imports @chat/shared/<part>, never a file inside.',
      { path: `^(${SERVICE}|setup)/` },
      { path: '^shared/', pathNot: '^shared/src/[^/]+/index\\.ts$' },
    ),
    rule(
      'shared-knows-no-service',
      'shared/ is what every service needs.',
      { path: '^shared/' },
      { path: `^(${SERVICE}|setup|scripts|e2e|bench)/` },
    ),
    rule(
      'testkit-is-below',
      'The test kit sees the system as a client does.',
      { path: '^testkit/' },
      { path: `^(${SERVICE}|shared|scripts|e2e|bench)/` },
    ),
    rule(
      'testkit-in-tests-only',
      'The product does not use the test kit.',
      { path: `^(${SERVICE}|shared|setup)/src/`, pathNot: UNIT_TEST },
      { path: '^testkit/' },
    ),
    rule(
      'scripts-are-below-tests',
      'End-to-end tests and benchmarks start the system by scripts, not the reverse.',
      { path: '^scripts/' },
      { path: '^(e2e|bench)/' },
    ),
    rule(
      'gateway-has-no-database',
      'The gateway owns no data: it calls the services.',
      { path: '^api-gateway/src/' },
      { path: 'node_modules/(typeorm|pg|kafkajs|@kafkajs)/' },
    ),
    rule(
      'tools-stay-outside',
      'The product does not use scripts, end-to-end tests or benchmarks.',
      { path: `^(${SERVICE}|setup)/` },
      { path: '^(scripts|e2e|bench)/' },
    ),
    rule(
      'e2e-through-graphql',
      'End-to-end tests and benchmarks see the system as a client does; two benchmarks measure one part of shared beside a package.',
      { path: '^(e2e|bench)/', pathNot: '^bench/(send-transport|avro-codec)\\.ts$' },
      { path: `^(${SERVICE}|shared)/`, pathNot: '^shared/src/testing/index\\.ts$' },
    ),
    rule(
      'no-test-kit-in-the-product',
      'shared/testing and test files are for tests.',
      { path: `^(${SERVICE}|shared|setup)/src/`, pathNot: [UNIT_TEST, '^shared/src/testing/'] },
      { path: ['^shared/src/testing/', UNIT_TEST, '^[^/]+/test/'] },
    ),
    rule(
      'packages-are-declared',
      'A workspace names what it uses, so that an image can be built of it alone.',
      { path: `^(${SERVICE}|shared|setup)/src/`, pathNot: UNIT_TEST },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm', 'type-only'] },
    ),
    rule('imports-resolve', 'An imported file exists.', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    combinedDependencies: true,
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.check.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['source', 'import', 'node', 'default', 'types'] },
  },
};
