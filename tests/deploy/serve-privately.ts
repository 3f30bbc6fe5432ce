/** The edgewood command as the systemd unit runs it: what it writes is of its own account alone, unless it says otherwise. */
process.umask(0o077);
await import('../../packages/cli/src/testing/edgewood.ts');
