import { cubic, reno } from '@stack/tcp';
import { congestionContract } from '@stack/testing';

congestionContract('reno', () => ({ ...reno, name: 'reno2' }));
congestionContract('cubic', () => ({ ...cubic, name: 'cubic2' }), { bytes: 100_000 });
