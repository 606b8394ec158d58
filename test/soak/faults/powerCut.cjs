/**
 * Preloaded into a receiver (`node --require`): simulates a power cut. Writes to the store's files that no fsync has
 * confirmed yet may be lost, torn at a sector, or kept, each by chance; then the process dies at once.
 *
 * SOAK_STORE: the store's file. SOAK_CUT_AFTER: the write, counted from the start, before which the power goes.
 */
const fs = require("node:fs");

const SECTOR = 512;
const store = process.env.SOAK_STORE;
let left = Number(process.env.SOAK_CUT_AFTER);

/** By path: what has been changed since the last fsync, oldest first. */
const unconfirmed = new Map();
/** By descriptor: the path of an open file of the store. */
const paths = new Map();
const real = { ...fs };

const isOurs = (file) => file === store || file === `${store}-wal`;
const changesOf = (file) => {
  if (!unconfirmed.has(file)) unconfirmed.set(file, []);
  return unconfirmed.get(file);
};

function read(fd, position, length) {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, real.readSync(fd, bytes, 0, length, position));
}

function cut() {
  for (const [file, changes] of unconfirmed) {
    if (!fs.existsSync(file)) continue;
    const fd = real.openSync(file, "r+");
    // Back to what is certainly on the disk, then forward again with what happened to get there.
    for (const { position, before, size } of [...changes].reverse()) {
      real.writeSync(fd, before, 0, before.length, position);
      real.ftruncateSync(fd, size);
    }
    for (const { position, after, size } of changes) {
      const luck = Math.random();
      if (after === null) {
        if (luck < 0.5) real.ftruncateSync(fd, position);
        continue;
      }
      const sectors = Math.ceil(after.length / SECTOR);
      const kept = luck < 0.4 ? 0 : luck < 0.6 ? Math.floor(Math.random() * sectors) * SECTOR : after.length;
      real.writeSync(fd, after, 0, Math.min(kept, after.length), position);
    }
    real.fsyncSync(fd);
    real.closeSync(fd);
  }
  process.kill(process.pid, "SIGKILL");
}

fs.openSync = (file, ...rest) => {
  const fd = real.openSync(file, ...rest);
  if (isOurs(file)) paths.set(fd, file);
  return fd;
};
fs.closeSync = (fd) => {
  paths.delete(fd);
  return real.closeSync(fd);
};
fs.writeSync = (fd, buffer, offset, length, position) => {
  const file = paths.get(fd);
  if (file !== undefined) {
    if (--left <= 0) cut();
    const after = Buffer.from(buffer.subarray(offset, offset + length));
    changesOf(file).push({ position, before: read(fd, position, length), after, size: real.fstatSync(fd).size });
  }
  return real.writeSync(fd, buffer, offset, length, position);
};
fs.ftruncateSync = (fd, length) => {
  const file = paths.get(fd);
  if (file !== undefined) {
    const { size } = real.fstatSync(fd);
    const before = size > length ? read(fd, length, size - length) : Buffer.alloc(0);
    changesOf(file).push({ position: length, before, after: null, size });
  }
  return real.ftruncateSync(fd, length);
};
fs.fsyncSync = (fd) => {
  const result = real.fsyncSync(fd);
  const file = paths.get(fd);
  if (file !== undefined) unconfirmed.delete(file);
  return result;
};
