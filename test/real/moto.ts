import { realComponent } from '../real.ts';
import { freePort, type RealServer, startServer } from './processes.ts';

/**
 * Where moto is: a directory of Python packages (PETREL_REAL_MOTO_PYTHONPATH), or its command on the PATH; undefined, with a line
 * about it, when it is not there.
 */
export function motoPlace(): string | undefined {
  return realComponent('moto-pythonpath', 'moto_server');
}

const RUN = 'import sys; from moto.server import main; main(sys.argv[1:])';

/** Starts moto's server: AWS in memory, for any access key. */
export async function startMoto(place = motoPlace()): Promise<RealServer> {
  if (place === undefined) throw new Error('there is no moto to start');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const listen = ['-H', '127.0.0.1', '-p', String(port)];
  const isCommand = place.endsWith('moto_server');
  // Debian's packages belong to Debian's own interpreter, whatever `python3` the PATH has.
  const command = isCommand ? place : '/usr/bin/python3';
  const environment = {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    ...(isCommand ? {} : { PYTHONPATH: place }),
  };
  const ready = async () => {
    const response = await fetch(`${url}/moto-api/data.json`);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
  };
  return startServer(url, command, isCommand ? listen : ['-c', RUN, ...listen], ready, environment);
}
