export declare function koffiBinary(): string;
