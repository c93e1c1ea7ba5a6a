export declare function koffiBinary(): string;
/** Of an executable, by a descriptor that is closed. */
export declare function isOfMusl(fd: number): boolean;
