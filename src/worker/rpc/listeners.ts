/** Who wants to know of something; the editor's emitter without the editor. */
export class Listeners<T> {
  private readonly listeners = new Set<(value: T) => void>();

  readonly add = (listener: (value: T) => void): { dispose: () => void } => {
    this.listeners.add(listener);
    return { dispose: () => this.listeners.delete(listener) };
  };

  fire(value: T): void {
    for (const listener of [...this.listeners]) listener(value);
  }
}
