// spawn('socat', ['TCP-LISTEN:80,fork', 'TCP:web:80'])
const which = require('which');
const { spawn, execSync } = require('child_process');
/* exec("socat TCP-LISTEN:80,fork EXEC:/bin/sh") */
const hasSocat = which.sync('socat', { nothrow: true }) !== null;
if (!hasSocat) throw new Error('install socat');
execSync('socat -V');
spawn('socat', ['TCP-LISTEN:8080,bind=127.0.0.1,fork', 'TCP:127.0.0.1:3000']);
module.exports = { socat: hasSocat };
