import { statfsSync } from "node:fs";
import { TelemetryError } from "../store";

/** File systems that other machines write to at the same time, by the type that statfs gives (Linux). */
const NETWORK_FILE_SYSTEMS = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB"],
  [0xff534d42, "CIFS"],
  [0x01021997, "9P"],
  [0x65735546, "FUSE"],
  [0x5346414f, "AFS"],
  [0x6b414653, "AFS"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
  [0x01161970, "GFS2"],
  [0x7461636f, "OCFS2"],
  [0x19830326, "BeeGFS"],
  [0x73757245, "Coda"],
  [0x564c, "NCP"],
  [0xaad7aaea, "PanFS"],
  [0x786f4256, "a folder that VirtualBox shares"],
  [0xbacbacbc, "a folder that VMware shares"],
]);

/** The name of a network file system by its type; undefined for a local one. */
export const networkFileSystem = (type: number): string | undefined => NETWORK_FILE_SYSTEMS.get(type);

/** @throws TelemetryError `network-disk` where the folder lies on a file system whose locks other machines don't see. */
export function refuseNetworkDisk(folder: string): void {
  if (process.platform !== "linux") return;
  const name = networkFileSystem(statfsSync(folder).type);
  if (name === undefined) return;
  throw new TelemetryError(
    "network-disk",
    `The local store can't lie on a network file system (${name}): ${folder}. Another machine could write to it at the same time.`,
    "Name a file on a local disk (option --db), or set XDG_DATA_HOME to one.",
  );
}
