import Glibc

/// What is written where in a container's group so that other limits hold: what crun would write, without its process.
struct CgroupLimits: Equatable {
    struct Setting: Equatable {
        var controller: String
        var file: String
        var value: String
    }

    /// In the order in which the kernel takes them.
    private(set) var settings: [Setting] = []

    /// - Parameter read: The text of a controller's file in the group as it is now; `nil` where there is none.
    init(
        _ resources: ContainerResources, on layout: CgroupLayout,
        read: (_ controller: String, _ file: String) -> String?
    ) {
        if layout.version == .v2 {
            addUnified(resources, limitsSwap: read("memory", "memory.swap.max") != nil)
        } else {
            let total = read("memory", "memory.memsw.limit_in_bytes").flatMap { Int64($0.filter { !$0.isNewline }) }
            addSeparate(resources, memoryAndSwapNow: total)
        }
        settings.removeAll { !layout.has($0.controller) }
    }

    private mutating func add(_ controller: String, _ file: String, _ value: String) {
        settings.append(Setting(controller: controller, file: file, value: value))
    }

    private mutating func addUnified(_ resources: ContainerResources, limitsSwap: Bool) {
        add("memory", "memory.max", Self.text(resources.memoryBytes))
        if limitsSwap {
            let swap = resources.memoryBytes.map { resources.memoryAndSwapLimit($0) - $0 }
            add("memory", "memory.swap.max", Self.text(swap.flatMap { $0 < 0 ? nil : $0 }))
        }
        let quota = Self.text(resources.nanoProcessors.map(ContainerResources.quota))
        add("cpu", "cpu.max", "\(quota) \(ContainerResources.periodMicroseconds)")
        add("pids", "pids.max", Self.text(resources.processes.flatMap { $0 > 0 ? $0 : nil }))
    }

    private mutating func addSeparate(_ resources: ContainerResources, memoryAndSwapNow: Int64?) {
        let memory = Setting(
            controller: "memory", file: "memory.limit_in_bytes", value: "\(resources.memoryBytes ?? -1)")
        if let memoryAndSwapNow {
            let total = resources.memoryBytes.map(resources.memoryAndSwapLimit) ?? -1
            let both = Setting(controller: "memory", file: "memory.memsw.limit_in_bytes", value: "\(total)")
            // At no time may the limit of both be below that of memory alone.
            settings += total == -1 || total > memoryAndSwapNow ? [both, memory] : [memory, both]
        } else {
            settings.append(memory)
        }
        if resources.nanoProcessors != nil {
            add("cpu", "cpu.cfs_period_us", "\(ContainerResources.periodMicroseconds)")
        }
        add("cpu", "cpu.cfs_quota_us", "\(resources.nanoProcessors.map(ContainerResources.quota) ?? -1)")
        add("pids", "pids.max", Self.text(resources.processes.flatMap { $0 > 0 ? $0 : nil }))
    }

    private static func text(_ limit: Int64?) -> String { limit.map { "\($0)" } ?? "max" }
}

extension CgroupLayout {
    /// Sets a group's limits. After an error those that it had hold: what had been written is written back.
    func limit(_ group: String, to resources: ContainerResources) throws(RuntimeError) {
        try checkMemory(of: group, resources)
        var before: [(path: String, value: String)] = []
        for setting in settings(of: group, resources) {
            let path = path(of: setting, group)
            guard let text = SmallFile.readText(path) else {
                if errno == ENOENT { throw RuntimeError(.notRunning, "the group \(group) is gone") }
                throw SmallFile.failure("cannot read \(path)")
            }
            let code = Self.set(path, setting.value)
            guard code == 0 else {
                // In reverse, so that the kernel takes them again.
                for (path, value) in before.reversed() { _ = Self.set(path, value) }
                if code == EBUSY, setting.controller == "memory" { throw memoryRefusal(of: group, resources) }
                throw SmallFile.failure("cannot write '\(setting.value)' to \(path)", errno: code)
            }
            before.append((path, String(text.prefix { !$0.isNewline })))
        }
    }

    /// Sets what a group's limits should be after a change that failed: each that can be set is, whatever becomes of the
    /// others, and memory last, which may have been taken meanwhile.
    func restore(_ group: String, to resources: ContainerResources) throws(RuntimeError) {
        var failure: RuntimeError?
        let all = settings(of: group, resources)
        for setting in all.filter({ $0.controller != "memory" }) {
            let outcome = attempt(setting, group)
            failure = failure ?? outcome
        }
        do throws(RuntimeError) {
            try checkMemory(of: group, resources)
            for setting in all.filter({ $0.controller == "memory" }) {
                let outcome = attempt(setting, group)
                failure = failure ?? outcome
            }
        } catch {
            failure = failure ?? error
        }
        if let failure { throw failure }
    }

    private func attempt(_ setting: CgroupLimits.Setting, _ group: String) -> RuntimeError? {
        let path = path(of: setting, group)
        return switch Self.set(path, setting.value) {
        case 0: nil
        case ENOENT: RuntimeError(.notRunning, "the group \(group) is gone")
        case let code: SmallFile.failure("cannot write '\(setting.value)' to \(path)", errno: code)
        }
    }

    private func settings(of group: String, _ resources: ContainerResources) -> [CgroupLimits.Setting] {
        CgroupLimits(resources, on: self) { controller, file in
            controllers[controller].flatMap { SmallFile.readText("\($0)\(group)/\(file)") }
        }.settings
    }

    private func path(of setting: CgroupLimits.Setting, _ group: String) -> String {
        "\(controllers[setting.controller] ?? "")\(group)/\(setting.file)"
    }

    /// The one tree takes any limit and kills for it: what the other trees' kernel refuses is refused here.
    private func checkMemory(of group: String, _ resources: ContainerResources) throws(RuntimeError) {
        guard version == .v2, let limit = resources.memoryBytes,
            let held = usage(of: group).heldMemoryBytes, held > limit
        else { return }
        throw memoryRefusal(of: group, resources)
    }

    private func memoryRefusal(of group: String, _ resources: ContainerResources) -> RuntimeError {
        RuntimeError(
            .refused,
            "unable to set memory limit to \(resources.memoryBytes ?? -1) "
                + "(current usage: \(usage(of: group).memoryBytes ?? 0)): choose a higher one")
    }

    /// 0, or errno.
    private static func set(_ path: String, _ value: String) -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        return write(descriptor, value, value.utf8.count) == value.utf8.count ? 0 : errno
    }
}
