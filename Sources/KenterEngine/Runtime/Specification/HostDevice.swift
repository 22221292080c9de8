import CLinux
import Glibc
import JSONRPC

/// A device node of the host that a privileged container gets too.
struct HostDevice: Equatable {
    var path: String
    /// `c` or `b`.
    var kind: String
    var major: Int64
    var minor: Int64
    var mode: UInt32
    var uid: UInt32
    var gid: UInt32

    var document: JSONValue {
        [
            "path": .string(path), "type": .string(kind), "major": .integer(major), "minor": .integer(minor),
            "fileMode": .integer(Int64(mode)), "uid": .integer(Int64(uid)), "gid": .integer(Int64(gid)),
        ]
    }

    /// Every device below /dev, but those that a container has of its own.
    static func all(below directory: String = "/dev") -> [HostDevice] {
        var devices: [HostDevice] = []
        for name in SmallFile.names(in: directory).sorted() {
            let path = "\(directory)/\(name)"
            if ["/dev/pts", "/dev/shm", "/dev/mqueue", "/dev/fd", "/dev/console", "/dev/ptmx"].contains(path) {
                continue
            }
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: devices += all(below: path)
            case S_IFCHR: devices.append(HostDevice(path: path, kind: "c", status: status))
            case S_IFBLK: devices.append(HostDevice(path: path, kind: "b", status: status))
            default: break
            }
        }
        return devices
    }

    private init(path: String, kind: String, status: stat) {
        self.path = path
        self.kind = kind
        major = Int64(clinux_device_major(status.st_rdev))
        minor = Int64(clinux_device_minor(status.st_rdev))
        mode = status.st_mode & 0o777
        uid = status.st_uid
        gid = status.st_gid
    }
}

/// One line of a container's device list: which nodes it may use.
struct DeviceRule {
    var isAllowed: Bool
    var kind = "a"
    var major: Int64?
    var minor: Int64?
    var access: String

    /// Docker's list: nodes may be made but not opened, except the harmless ones.
    static func rules(isPrivileged: Bool) -> [DeviceRule] {
        if isPrivileged { return [DeviceRule(isAllowed: true, access: "rwm")] }
        var rules = [
            DeviceRule(isAllowed: false, access: "rwm"),
            DeviceRule(isAllowed: true, kind: "c", access: "m"),
            DeviceRule(isAllowed: true, kind: "b", access: "m"),
        ]
        // null, zero, full, random, urandom, tty, console, ptmx
        let characters: [(Int64, Int64)] = [(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 1), (5, 2)]
        for (major, minor) in characters {
            rules.append(DeviceRule(isAllowed: true, kind: "c", major: major, minor: minor, access: "rwm"))
        }
        rules.append(DeviceRule(isAllowed: true, kind: "c", major: 136, access: "rwm"))  // pseudo-terminals
        return rules
    }

    var document: JSONValue {
        var object: JSONObject = ["allow": .bool(isAllowed), "access": .string(access)]
        if kind != "a" { object["type"] = .string(kind) }
        if let major { object["major"] = .integer(major) }
        if let minor { object["minor"] = .integer(minor) }
        return .object(object)
    }
}
