// Who may import what. `npm run check` and `npm test` run it.
const SERVICE = '(api-gateway|auth-service|chat-service|presence-service|profile-service|notification-service)';

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

export default {
  forbidden: [
    rule(
      'services-are-apart',
      'Services meet through shared/contracts (HTTP) and shared/events (Kafka) alone.',
      { path: `^${SERVICE}/` },
      { path: `^${SERVICE}/`, pathNot: '^$1/' },
    ),
    rule(
      'shared-by-entry-points',
      'A service imports @chat/shared/<part>, never a file inside.',
      { path: `^${SERVICE}/` },
      { path: '^shared/', pathNot: '^shared/src/[^/]+/index\\.ts$' },
    ),
    rule(
      'shared-knows-no-service',
      'shared/ is what every service needs.',
      { path: '^shared/' },
      { path: `^(${SERVICE}|scripts|e2e|bench)/` },
    ),
    rule(
      'gateway-has-no-database',
      'The gateway owns nothing: it asks the services.',
      { path: '^api-gateway/src/' },
      { path: 'node_modules/(typeorm|pg|kafkajs|@kafkajs)/' },
    ),
    rule(
      'tools-stay-outside',
      'The product does not lean on scripts, end-to-end tests or benchmarks.',
      { path: `^${SERVICE}/` },
      { path: '^(scripts|e2e|bench)/' },
    ),
    rule(
      'e2e-through-graphql',
      'End-to-end tests and benchmarks see the system as a client does.',
      { path: '^(e2e|bench)/' },
      { path: `^(${SERVICE}|shared)/`, pathNot: '^shared/src/testing/index\\.ts$' },
    ),
    rule(
      'no-test-kit-in-the-product',
      'shared/testing and test files are for tests.',
      { path: `^(${SERVICE}|shared)/src/`, pathNot: ['\\.test\\.ts$', '^shared/src/testing/'] },
      { path: ['^shared/src/testing/', '\\.test\\.ts$', '^[^/]+/test/'] },
    ),
    rule(
      'packages-are-declared',
      'A workspace names what it uses, so that an image can be built of it alone.',
      { path: `^(${SERVICE}|shared)/src/`, pathNot: '\\.test\\.ts$' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm', 'type-only'] },
    ),
    rule('imports-resolve', 'What is imported is there.', {}, { couldNotResolve: true }),
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
