/** The server's own time in microseconds since 1970: the clocks of processes must not order their writes. */
export const NOW_US = 'CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS UNSIGNED)';
