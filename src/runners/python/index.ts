/**
 * Python of packs. `host` keeps one fork server per Python environment (python/petrel_host) and starts processes from it; `python-script` runs
 * an action in one; the sensors room runs sensors the same way. `pack-environment` makes virtual environments.
 */
export { createPythonHost, type PythonHost, type PythonLaunch, type PythonSettings } from './host.ts';
export { lintPython } from './lint.ts';
export {
  type EnvironmentSettings,
  type PackEnvironment,
  type PythonPack,
  preparePackEnvironment,
} from './pack-environment.ts';
export { type PackTestRequest, testPackPython } from './pack-tests.ts';
export type { PythonEnd, PythonProcess } from './python-process.ts';
export { type PythonRunnerSettings, pythonScript } from './python-script.ts';
