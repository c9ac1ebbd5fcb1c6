// Replaced by `npm run api`, which makes it from crates/console-api/openapi.json.
export interface paths {
  '/session': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['Session'] } };
      };
    };
    put?: never;
    post: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody: { content: { 'application/json': { account: string; password: string; code?: string } } };
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['Session'] } };
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
}
export interface components {
  schemas: {
    Session: {
      account: string;
      name: string;
      roles: { id: string; name: string; english: string }[];
      permissions: string[];
      scope: { kind: string; institution?: string | null; department?: string | null; person?: string | null; name: string };
      desks: string[];
      csrf: string;
    };
  };
}
