// Apollo Server's own integration suite, answered by planql.
const { ApolloServer } = require('@apollo/server');
const { startStandaloneServer } = require('@apollo/server/standalone');
const { defineIntegrationTestSuite } = require('@apollo/server-integration-testsuite');
const { makeExecutableSchema } = require('@graphql-tools/schema');
const { planqlGateway } = require('planql/server');

/** A server's options with planql in the place of Apollo's executor. */
function planned({ schema, typeDefs, resolvers, rootValue, plugins = [], ...rest }) {
  const gateway = planqlGateway({
    schema: schema ?? makeExecutableSchema({ typeDefs, resolvers }),
    args: ({ document }) => ({ rootValue: typeof rootValue === 'function' ? rootValue(document) : rootValue }),
  });
  const { formatError } = rest;
  return { ...rest, gateway, plugins: [...plugins, gateway.incrementalDelivery({ formatError })] };
}

defineIntegrationTestSuite(async (config, options) => {
  const server = new ApolloServer(config.gateway === undefined ? planned(config) : config);
  const { url } = await startStandaloneServer(server, { ...options, listen: { port: 0, host: '127.0.0.1' } });
  return { server, url };
});
