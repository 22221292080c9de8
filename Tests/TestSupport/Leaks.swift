import CLinux
import Glibc
import JSONRPC

/// What an engine still has on the host: mounts, devices, processes.
extension TestEngine {
    /// Mount points below the engine's directories.
    public var mountPoints: [String] {
        TextFile.read("/proc/self/mountinfo").split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            return fields.count > 4 && fields[4].hasPrefix("\(directory)/") ? String(fields[4]) : nil
        }
    }

    /// Network devices of containers on the host's side.
    public func containerDevices() async throws -> [String] {
        try await host("ip", "-oneline", "link", "show").lines.compactMap { line in
            let name = line.split(separator: " ").dropFirst().first?.prefix { $0 != "@" && $0 != ":" } ?? ""
            return name == "lo" || name == "up0" ? nil : String(name)
        }
    }

    /// Command lines of monitors and runtimes that work in the engine's directories.
    public var containerProcesses: [String] {
        processes { $0.contains(directory) && ($0.contains("conmon") || $0.contains("crun") || $0.contains("runc")) }
    }

    /// Removes every container the test left; volumes and images stay.
    func removeContainers() async throws {
        if processIdentifier == 0 { return }
        let names = try await kenter(["ps", "--all", "--quiet", "--no-trunc"])
        guard names.exit == 0 else { throw CommandFailure(names.description) }
        if names.lines.isEmpty { return }
        let removed = try await kenter(["rm", "--force", "--volumes"] + names.lines)
        guard removed.exit == 0 else { throw CommandFailure(removed.description) }
        let left = try await controlGroups(of: names.lines)
        if !left.isEmpty { throw CommandFailure("left although their containers were removed: \(left)") }
    }

    /// Throws unless mounts, devices, processes, control groups and files of containers in the run directory are gone, soon
    /// after the last call was answered, and plugins keep no volume and no network that the engine does not list, nor the
    /// other way round.
    public func expectNothingLeft(of reason: String) async throws {
        let gone = try await eventually(within: .seconds(5)) {
            let (devices, differences) = (try await containerDevices(), try await disagreements())
            let isHostClean = mountPoints.isEmpty && containerProcesses.isEmpty && runEntries.isEmpty
            guard devices.isEmpty, differences.isEmpty, isHostClean else { return false }
            return try await controlGroups().isEmpty
        }
        if gone { return }
        let (devices, differences) = (try await containerDevices(), try await disagreements())
        throw CommandFailure(
            "left although \(reason): mounts \(mountPoints), devices \(devices), processes \(containerProcesses), "
                + "files \(runEntries), control groups \(try await controlGroups()), \(differences)")
    }

    /// Throws unless all that containers, volumes and networks leave is as it was.
    public func expectTraces(_ before: EngineTraces, after reason: String) async throws {
        let isSame = try await eventually(within: .seconds(5)) {
            try await EngineTraces(of: self).differences(from: before).isEmpty
        }
        if isSame { return }
        let differences = try await EngineTraces(of: self).differences(from: before)
        throw CommandFailure("\(reason):\n" + differences.joined(separator: "\n"))
    }

    /// Where the engine and the plugins that came with it do not agree on what there is; nothing while it does not run.
    private func disagreements() async throws -> [String] {
        if processIdentifier == 0 { return [] }
        var differences: [String] = []
        for (method, noun, plugin, place) in [
            ("volume.list", "volumes", "storage-overlay", "v"),
            ("network.list", "networks", "network-routed", "networks"),
        ] {
            let request: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": [:]]
            let listed = try await connect().call(request.text)["result"][noun].array ?? []
            let own = listed.filter { $0["provider"].string == plugin }.count
            let kept = TextFile.names(in: "\(root)/plugin-state/\(plugin)/\(place)")
            if kept.count != own { differences.append("\(noun): \(own) listed, \(plugin) has \(kept)") }
        }
        return differences
    }

    /// Control groups of these containers, in every hierarchy.
    private func controlGroups(of ids: [String]) async throws -> [String] {
        let found = try await Command.run(["find", "/sys/fs/cgroup", "-mindepth", "2", "-maxdepth", "4", "-type", "d"])
        return found.lines.filter { path in ids.contains { path.hasSuffix($0) } }
    }

    /// Throws unless engine and plugins are gone.
    func expectNothingRunning() async throws {
        let gone = await eventually(within: .seconds(5)) { processes { $0.contains(directory) }.isEmpty }
        if !gone { throw CommandFailure("left although the engine ended: \(processes { $0.contains(directory) })") }
        let inside = try await Command.run(["ip", "netns", "pids", network.name])
        if !inside.lines.isEmpty { throw CommandFailure("processes left in \(network.name): \(inside.lines)") }
    }

    /// Removes whatever there still is, after a failure too.
    func removeAll() async {
        await crash()
        for pid in processIdentifiers(where: { $0.contains(directory) }) { kill(pid, SIGKILL) }
        // Main processes of containers, whose monitors are gone now.
        for group in (try? await controlGroups()) ?? [] {  // Without state there were no containers.
            for pid in TextFile.read("\(group)/cgroup.procs").split(separator: "\n") {
                if let pid = Int32(pid) { kill(pid, SIGKILL) }
            }
        }
        let inside = try? await Command.run(["ip", "netns", "pids", network.name])  // Gone is what we want.
        for line in inside?.lines ?? [] { if let pid = Int32(line) { kill(pid, SIGKILL) } }
        _ = await eventually(within: .seconds(5)) { containerProcesses.isEmpty }
        // Gone, or else still in use by what was just killed: the next boot removes them.
        for group in (try? await controlGroups(of: TextFile.names(in: "\(root)/containers"))) ?? [] { rmdir(group) }
        for mountPoint in mountPoints.reversed() { umount2(mountPoint, Int32(MNT_DETACH)) }
        await network.remove()
        _ = try? await Command.run(["rm", "-rf", "--one-file-system", directory])  // A leftover harms no other test.
    }

    private func processes(where matches: (String) -> Bool) -> [String] {
        processIdentifiers(where: matches).map { commandLine(of: $0) }
    }

    func processIdentifiers(where matches: (String) -> Bool) -> [Int32] {
        TextFile.names(in: "/proc").compactMap { Int32($0) }.filter { $0 != getpid() && matches(commandLine(of: $0)) }
    }

    func commandLine(of pid: Int32) -> String {
        String(TextFile.read("/proc/\(pid)/cmdline").map { $0 == "\0" ? " " : $0 })
    }
}
