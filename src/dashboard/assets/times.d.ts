/** What times.js promises: it is read as it is by browsers, so its types stand beside it. */

export declare const about: (ms: number) => string
export declare const took: (ms: number) => string
export declare const relative: (at: number, now: number) => string
export declare const shortTime: (at: number, now: number, zone: string | undefined) => string
export declare const clockTime: (at: number, now: number, zone: string | undefined) => string
export declare const exactTime: (at: number, now: number, zone: string | undefined) => string
export declare const longTime: (at: number, zone: string | undefined) => string
