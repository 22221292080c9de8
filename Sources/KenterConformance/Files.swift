import CLinux
import Glibc

/// Small questions to the file system.
enum Files {
    /// Every path below a directory, relative to it and sorted; symbolic links are not followed.
    static func tree(_ directory: String) -> [String] {
        var paths: [String] = []
        var pending = [""]
        while let relative = pending.popLast() {
            for name in names(in: "\(directory)/\(relative)") {
                let path = relative.isEmpty ? name : "\(relative)/\(name)"
                paths.append(path)
                if kind("\(directory)/\(path)") == S_IFDIR { pending.append(path) }
            }
        }
        return paths.sorted()
    }

    /// The names in a directory, without `.` and `..`; empty when it cannot be read.
    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let name = clinux_next_name(stream) { names.append(String(cString: name)) }
        return names
    }

    /// `S_IFDIR` and so on; `nil` when there is nothing.
    static func kind(_ path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    /// The text of a small file, also of /proc; empty when it cannot be read.
    static func text(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(contentsOf: buffer[..<count])
        }
    }

    @discardableResult
    static func write(_ bytes: [UInt8], to path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return clinux_write_all(descriptor, bytes, bytes.count) == 0
    }

    /// Removes a tree, which plugins may have made unreadable; what cannot be removed stays.
    static func remove(_ directory: String) {
        chmod(directory, 0o700)
        for name in names(in: directory) {
            let path = "\(directory)/\(name)"
            if kind(path) == S_IFDIR {
                remove(path)
            } else if unlink(path) != 0 {
                umount2(path, Int32(MNT_DETACH))
                unlink(path)
            }
        }
        if rmdir(directory) != 0 {
            umount2(directory, Int32(MNT_DETACH))
            rmdir(directory)
        }
    }
}
