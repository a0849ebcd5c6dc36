// Path data of the icons; apart from icons.ts because the player has no Lit.

export const play = "M4.5 2.750v10.500l8.500-5.250z";
export const pause = "M5 3v10M11 3v10";
export const snapshot =
  "M2 5h3l1-2h4l1 2h3v8H2zM10.250 8.750a2.250 2.250 0 1 1-4.500 0a2.250 2.250 0 0 1 4.500 0z";
export const share = "M10.500 5L8 2.500L5.500 5M8 2.500V10M4 7.500H3v6h10v-6h-1";
export const full = "M2.500 6V2.500H6M10 2.500h3.500V6M13.500 10v3.500H10M6 13.500H2.500V10";
export const pip = "M13.500 7V3.500h-11v8H7M8.500 8.500h5.500v4.500H8.500z";
export const settings =
  "M2 4.500h6M11.500 4.500H14M2 11.500h2.500M8 11.500h6M11.500 4.500a1.750 1.750 0 1 1-3.500 0a1.750 1.750 0 0 1 3.500 0zM8 11.500a1.750 1.750 0 1 1-3.500 0a1.750 1.750 0 0 1 3.500 0z";
export const stop = "M3.500 3.500h9v9h-9z";
export const close = "M3.500 3.500l9 9M12.500 3.500l-9 9";
export const copy = "M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3";
export const check = "M3 8.500l3.500 3.500L13 4.500";
export const search = "M11 7a4 4 0 1 1-8 0a4 4 0 0 1 8 0zM10 10l3.500 3.500";
export const layout = "M2.500 2.500h5v11h-5zM10 2.500h3.500v4H10zM10 9h3.500v4.500H10z";
export const add = "M8 3v10M3 8h10";
export const more = "M3 8h.01M8 8h.01M13 8h.01";
export const back = "M9.500 3.500L5 8l4.500 4.500";
export const next = "M6.500 3.500L11 8l-4.500 4.500";
export const down = "M3.500 6L8 10.500L12.500 6";
export const panel = "M2.500 3h11v10h-11zM9.500 3v10";
export const chart = "M2.500 2.500v11h11M5 10.500l2.500-3L9.500 9.500l3.500-4.500";
export const people =
  "M8 5a2.250 2.250 0 1 1-4.500 0a2.250 2.250 0 0 1 4.500 0zM2 13c0-2.500 1.500-4 3.750-4s3.750 1.500 3.750 4M10 3a2.100 2.100 0 0 1 0 4M11.500 9.250c1.600.400 2.500 1.750 2.500 3.750";
export const list = "M5.500 4H14M5.500 8H14M5.500 12H14M2.250 4h.01M2.250 8h.01M2.250 12h.01";
export const phone = "M4.500 1.750h7v12.500h-7zM7.500 12h1";
export const camera = "M1.500 4h9v8h-9zM10.500 7l4-2v6l-4-2z";
export const terminal = "M2 3h12v10H2zM4.500 6l2 2l-2 2M8.500 10H11";
export const warning = "M8 2L14.500 13.500h-13zM8 6.500v3M8 11.500h.01";
export const sun =
  "M10.500 8a2.500 2.500 0 1 1-5 0a2.500 2.500 0 0 1 5 0zM8 1.500v1.500M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1.100 1.100M11.500 11.500l1.100 1.100M3.400 12.600l1.100-1.100M11.500 4.500l1.100-1.100";
export const key = "M9.500 6a3 3 0 1 1-6 0a3 3 0 0 1 6 0zM8.600 8.100L13.500 13M11.500 11l1.500-1.500";
export const book = "M3 2.500h8.500a1.500 1.500 0 0 1 1.500 1.500v9.500H4.500A1.500 1.500 0 0 1 3 12zM3 12a1.500 1.500 0 0 1 1.500-1.500H13";
export const undo = "M5.500 2.500L2.500 5.500L5.500 8.500M2.500 5.500H10a3.750 3.750 0 0 1 0 7.500H6";
export const sound = "M2.500 6h2.500l3.500-3v10l-3.500-3H2.500zM11 5.750a3.200 3.200 0 0 1 0 4.500M12.750 4a5.700 5.700 0 0 1 0 8";
export const muted = "M2.500 6h2.500l3.500-3v10l-3.500-3H2.500zM10.750 6.250l3.500 3.500M14.250 6.250l-3.500 3.500";
