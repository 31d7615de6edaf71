/* GraphiQL with HTTP for queries and mutations, and graphql-transport-ws for subscriptions. */
(function () {
  const { React, ReactDOM, GraphiQL, graphqlWs } = window;

  const WELCOME = `# Welcome. Ctrl-Enter runs the operation at the cursor.
#
# 1. Register, and copy the accessToken into the Headers pane below:
#    { "Authorization": "Bearer …" }
# 2. Open a second tab with the token of another user, and run Live there.
# 3. Send a message to that user: it arrives live in the second tab.

mutation Register {
  register(input: { email: "ada@example.com", username: "ada", password: "correct horse battery" }) {
    accessToken
    refreshToken
    user { userId username }
  }
}

query Me {
  me { userId username email }
}

mutation Send {
  sendMessage(input: { receiverId: "<userId of the other user>", content: "Hello!" }) {
    id
    conversationId
    seq
    status
  }
}

subscription Live {
  events {
    __typename
    cursor
    ... on MessageCreated {
      message { conversationId seq senderId content createdAt }
    }
  }
}
`;

  const socketUrl = `${window.location.protocol === 'https:' ? 'wss' : 'ws'}://${window.location.host}${window.location.pathname}`;

  /** Each subscription has a socket of its own, with the token that the Headers pane has when it starts. */
  function subscribe(operation, headers) {
    const authorization = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
    return {
      subscribe(observer) {
        const client = graphqlWs.createClient({
          url: socketUrl,
          lazy: true,
          connectionParams: authorization ? { authorization } : {},
          shouldRetry: () => false,
          retryAttempts: 0,
        });
        const stop = client.subscribe(operation, {
          next: (value) => observer.next(value),
          error: (error) => {
            const closed = typeof CloseEvent !== 'undefined' && error instanceof CloseEvent;
            const hint =
              closed && error.code === 4403 ? ' Put a valid access token into the Headers pane: { "Authorization": "Bearer …" }' : '';
            observer.next(
              closed
                ? { errors: [{ message: `The socket was closed: ${error.code} ${error.reason}.${hint}` }] }
                : { errors: [].concat(error) },
            );
            observer.complete();
          },
          complete: () => observer.complete(),
        });
        return { unsubscribe: () => (stop(), client.dispose()) };
      },
    };
  }

  async function post(operation, headers) {
    const answer = await fetch(window.location.pathname, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(operation),
    });
    return answer.json();
  }

  /** True if the operation that is about to run is a subscription. */
  function isSubscription(operation, documentAST) {
    const operations = (documentAST?.definitions ?? []).filter((definition) => definition.kind === 'OperationDefinition');
    const chosen = operations.find((definition) => !operation.operationName || definition.name?.value === operation.operationName);
    return chosen?.operation === 'subscription';
  }

  function fetcher(operation, options) {
    const headers = options?.headers ?? {};
    return isSubscription(operation, options?.documentAST) ? subscribe(operation, headers) : post(operation, headers);
  }

  ReactDOM.createRoot(document.getElementById('playground')).render(
    React.createElement(GraphiQL, {
      fetcher,
      defaultQuery: WELCOME,
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: true,
      defaultEditorToolsVisibility: 'headers',
    }),
  );
})();
