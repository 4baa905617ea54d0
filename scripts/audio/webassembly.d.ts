/** What is used of WebAssembly; its types are part of the browser's, which scripts must not see. */
declare namespace WebAssembly {
  class Module {}
  interface Instance {
    readonly exports: Record<string, unknown>;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
  function instantiate(module: Module, imports: object): Promise<Instance>;
}
