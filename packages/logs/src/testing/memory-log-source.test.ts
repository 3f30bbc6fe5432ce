import { CONTRACT_ENTRIES, testLogSource } from './log-source-contract.ts';
import { MemoryLogSource } from './memory-log-source.ts';

testLogSource('memory', async () => new MemoryLogSource(CONTRACT_ENTRIES));
