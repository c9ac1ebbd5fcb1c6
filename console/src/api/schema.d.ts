// Replaced by `npm run api`, which makes it from crates/console-api/openapi.json.
export interface paths {
  '/api/console/v1/session': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['SessionTold'] } };
      };
    };
    put?: never;
    post: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody: { content: { 'application/json': { account: string; password: string; code?: string } } };
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['SessionTold'] } };
      };
    };
    delete: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: { 204: { headers: { [name: string]: unknown }; content?: never } };
    };
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/console/v1/unmask': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody: { content: { 'application/json': { person: string; purpose: string; note: string } } };
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['Unmasked'] } };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export interface components {
  schemas: {
    SessionTold: {
      account: string;
      name: string;
      roles: { id: string; name: string; english: string }[];
      permissions: string[];
      scope: { kind: string; institution?: string; department?: string; persons: string[]; name: string };
      desks: string[];
      csrf: string;
      purposes: { id: string; name: string; english: string }[];
    };
    Masked: { text: string; masked: boolean };
    Unmasked: { person: string; name: string; certificate: string; phone: string; leaf: string };
  };
}
