'use strict';
const { spawn, exec, execSync } = require('child_process');

const PORT = process.env.PORT || 9229;

function start(host) {
  const child = spawn('socat', [`TCP-LISTEN:${PORT},fork,reuseaddr`, `TCP:${host}:9229`], { stdio: 'inherit' });
  child.on('exit', (code) => console.log('socat exited', code));
}

exec('socat TCP-LISTEN:6006,fork,bind=0.0.0.0 TCP:127.0.0.1:6007');
execSync(`echo quit | socat - UNIX-CONNECT:${process.env.SOCK}`);
module.exports = { start };
