/** Declares the parts of WebAssembly that scripts use: TypeScript has its types only with those of the browser. */
declare namespace WebAssembly {
  class Module {}
  interface Instance {
    readonly exports: Record<string, unknown>;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
  function instantiate(module: Module, imports: object): Promise<Instance>;
}
