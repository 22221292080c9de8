#if DEBUG
    import Glibc
    import Synchronization

    /// The moments at which a test may have the engine die, to see that the next one makes everything whole: before and
    /// after each write of state, each call to a plugin, and each step of the runtime.
    ///
    /// Only in debug builds, and only where KENTER_CRASH_PLAN names a file. While that file holds a number n above 0, the
    /// process kills itself at the n-th moment; while it holds 0, the names of the moments are collected beside it. With
    /// `plugin n` it is the plugin that is called that dies, at the n-th moment of a call to a plugin.
    package enum CrashPoint {
        private static let plan = getenv("KENTER_CRASH_PLAN").map { String(cString: $0) }
        private static let turn = Mutex(())

        /// - Parameter plugin: The process of the plugin that is called.
        package static func reach(_ name: String, plugin: Int32? = nil) {
            guard let plan else { return }
            turn.withLock { _ in
                let words = read(plan)?.split(separator: " ") ?? []
                guard let number = words.last.flatMap({ Int($0) }) else { return }
                let isForPlugins = words.count == 2
                guard !isForPlugins || plugin != nil else { return }
                switch number {
                case 0: append(name + "\n", to: plan + ".moments")
                case 1:
                    unlink(plan)
                    let victim = isForPlugins ? plugin ?? 0 : getpid()
                    // No plugin at an address has a process here, and 0 is everybody's.
                    if victim > 0 { kill(victim, SIGKILL) }
                default: write((isForPlugins ? "plugin " : "") + String(number - 1), to: plan)
                }
            }
        }

        private static func read(_ path: String) -> String? {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return nil }
            defer { close(descriptor) }
            var buffer = [UInt8](repeating: 0, count: 16)
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
        }

        private static func write(_ text: String, to path: String) { put(text, to: path, O_WRONLY | O_TRUNC) }
        private static func append(_ text: String, to path: String) {
            put(text, to: path, O_WRONLY | O_CREAT | O_APPEND)
        }

        private static func put(_ text: String, to path: String, _ flags: Int32) {
            let descriptor = open(path, flags | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { return }
            _ = Glibc.write(descriptor, text, text.utf8.count)
            close(descriptor)
        }
    }
#else
    package enum CrashPoint {
        @inlinable
        package static func reach(_ name: @autoclosure () -> String, plugin: Int32? = nil) {}
    }
#endif
