import { registryConformance } from './registry.suite.ts';
import { memoryWorld } from './world.ts';

registryConformance('the registry on a mesh in memory', memoryWorld);
