/** The server's own time in microseconds since 1970: what orders writes of several processes must not be their clocks. */
export const NOW_US = 'CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS UNSIGNED)';
