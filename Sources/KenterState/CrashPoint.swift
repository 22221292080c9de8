#if DEBUG
    import Glibc
    import Synchronization

    /// The moments at which a test may have the engine, or a plugin, die, to see that everything is made whole: before and
    /// after each write of state, before and after each call to a plugin, and before, in and after each step of the runtime.
    ///
    /// Only in debug builds, and only where KENTER_CRASH_PLAN names a file. While that file holds a mode and a number n
    /// above 0, it happens at the n-th moment of that mode; while it holds 0, the names of these moments are collected
    /// beside it. The modes:
    ///
    /// - none: the engine kills itself;
    /// - `plugin`: the plugin that is called dies, before it is called or after it has answered;
    /// - `answer`: the plugin dies once it has answered, and its answer is lost;
    /// - `hold`: the tool that the engine has just started is halted, and the engine kills itself.
    package enum CrashPoint {
        private static let plan = getenv("KENTER_CRASH_PLAN").map { String(cString: $0) }
        private static let turn = Mutex(())

        /// - Parameters:
        ///   - plugin: The process of the plugin that is called.
        ///   - tool: The process that works at this moment for the engine.
        package static func reach(_ name: String, plugin: Int32? = nil, tool: Int32? = nil) {
            switch step(name, { $0 == "" || $0 == "plugin" && plugin != nil || $0 == "hold" && tool != nil }) {
            case nil, "answer": return
            // No plugin at an address has a process here, and 0 is everybody's.
            case "plugin": if let plugin, plugin > 0 { kill(plugin, SIGKILL) }
            case "hold":
                if let tool {
                    kill(tool, SIGSTOP)
                    // It has halted, or was faster.
                    var information = siginfo_t()
                    waitid(P_PID, id_t(tool), &information, WSTOPPED | WEXITED | WNOWAIT)
                }
                kill(getpid(), SIGKILL)
            case .some: kill(getpid(), SIGKILL)
            }
        }

        /// Whether the answer of a plugin is lost, which is dead now.
        package static func loses(_ name: String, of plugin: Int32) -> Bool {
            guard step(name, { $0 == "answer" }) != nil, plugin > 0 else { return false }
            kill(plugin, SIGKILL)
            return true
        }

        /// The plan's mode where this moment is the one; `nil` for every other.
        private static func step(_ name: String, _ concerns: (String) -> Bool) -> String? {
            guard let plan else { return nil }
            return turn.withLock { _ in
                let words = read(plan)?.split(separator: " ") ?? []
                guard let number = words.last.flatMap({ Int($0) }) else { return nil }
                let mode = words.count == 2 ? String(words[0]) : ""
                guard concerns(mode) else { return nil }
                switch number {
                case 0: append(name + "\n", to: plan + ".moments")
                case 1:
                    unlink(plan)
                    return mode
                default: write("\(mode) \(number - 1)", to: plan)
                }
                return nil
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
        package static func reach(_ name: @autoclosure () -> String, plugin: Int32? = nil, tool: Int32? = nil) {}
        @inlinable
        package static func loses(_ name: @autoclosure () -> String, of plugin: Int32) -> Bool { false }
    }
#endif
