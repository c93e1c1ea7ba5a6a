/** Whether this process is a single executable: Node and our program in one file. */
export declare function isSea(): boolean;
/** undefined when it is not. Throws, in one line, when no directory is fit to load from. */
export declare function loadEmbedded(name: string): unknown;
