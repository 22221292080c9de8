import CLinux
import Glibc

/// All that containers, volumes, networks and links of an engine leave: on the host, in its directories, in its state and
/// with the plugins that came with it. Compared before and after, it shows what an operation has left.
public struct EngineTraces: Equatable, Sendable {
    /// Place → what is there, sorted.
    private var places: [String: [String]] = [:]

    public init(of engine: TestEngine) async throws {
        let script = "nft list ruleset; echo; ip -oneline address show; ip -oneline route show table all; ip rule"
        places["network"] = try await Command.run(engine.network.entering(["sh", "-c", script])).lines.filter { line in
            // The wire to the outside world is none of the engine's.
            !line.contains(" up0 ")
        }
        places["records"] = try await Self.records(of: engine)
        places["mounts"] = engine.mountPoints.sorted()
        places["control groups"] = try await engine.controlGroups().sorted()
        // Its plugins are called like those of any other engine.
        places["processes"] = try await engine.allProcesses().sorted()
        for directory in TestEngine.directoriesOfContainers + ["containers", "tmp"].map({ "\(engine.root)/\($0)" }) {
            let path = directory.hasPrefix("/") ? directory : "\(engine.runDirectory)/\(directory)"
            places[path] = TextFile.names(in: path).sorted()
        }
        let state = "\(engine.root)/plugin-state"
        for plugin in TextFile.names(in: state) {
            for directory in TextFile.names(in: "\(state)/\(plugin)") {
                let path = "\(state)/\(plugin)/\(directory)"
                places[path] = TextFile.names(in: path).sorted()
            }
        }
    }

    /// What is there now and was not before, and the other way round; empty where nothing has changed.
    public func differences(from before: EngineTraces) -> [String] {
        Set(places.keys).union(before.places.keys).sorted().flatMap { place in
            let change = (places[place] ?? []).difference(from: before.places[place] ?? [])
            return change.map { step in
                switch step {
                case .insert(_, let element, _): "\(place): left: \(element)"
                case .remove(_, let element, _): "\(place): lost: \(element)"
                }
            }
        }
    }

    /// What the state has of containers and all that is theirs. Addresses that were given back keep their last owner.
    private static func records(of engine: TestEngine) async throws -> [String] {
        let tables = [
            "containers", "links", "networks", "attachments", "lingeringAttachments", "volumes", "volumeMounts",
        ]
        let selections =
            tables.map { "SELECT '\($0) ' || id FROM \($0)" } + [
                "SELECT 'addresses ' || address FROM addresses WHERE inUse",
                "SELECT 'memberships ' || containerId || networkId FROM memberships",
            ]
        return try await engine.query(selections.joined(separator: " UNION ALL ") + " ORDER BY 1")
    }
}

extension TestEngine {
    /// Below the run directory: nothing is in one of them when there are no containers.
    static let directoriesOfContainers = ["attach", "binds", "containers", "exits", "netns", "oci", "terminals"]

    /// What lies in the run directory for containers.
    var runEntries: [String] {
        Self.directoriesOfContainers.flatMap { name in
            TextFile.names(in: "\(runDirectory)/\(name)").map { "\(name)/\($0)" }
        }
    }

    /// Control groups of containers of this engine, in every tree: of version 1, of version 2, or both.
    func controlGroups() async throws -> [String] {
        let instance = try await instance()
        return Self.controlGroupTrees.map { "\($0)/kenter-\(instance)" }.flatMap { group in
            access(group, F_OK) == 0
                ? [group] + TextFile.names(in: group).filter { $0.count == 64 }.map { "\(group)/\($0)" } : []
        }
    }

    private static var controlGroupTrees: [String] {
        TextFile.read("/proc/self/mountinfo").split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), fields.count > dash + 1, fields.count > 4 else { return nil }
            return ["cgroup", "cgroup2"].contains(fields[dash + 1]) ? String(fields[4]) : nil
        }
    }

    /// Command lines of all processes in the engine's network or with its directories among their arguments, without
    /// numbers: a plugin's executable may be named by a descriptor.
    func allProcesses() async throws -> [String] {
        let inside = try await Command.run(["ip", "netns", "pids", network.name]).lines.compactMap { Int32($0) }
        let named = processIdentifiers { $0.contains(directory) }
        return Set(inside + named).map { commandLine(of: $0).replacing(/[0-9]+/, with: "N") }.filter { !$0.isEmpty }
    }

    /// Runtimes that make a container just now.
    public var makers: [Int32] {
        processIdentifiers { $0.contains(" --root \(runDirectory)/oci create ") && !$0.contains("conmon") }
    }

    /// Those of its tools, monitors and runtimes that somebody has halted.
    public var haltedProcesses: [Int32] {
        processIdentifiers { $0.contains(directory) }.filter { pid in
            TextFile.read("/proc/\(pid)/status").contains("\nState:\tT")
        }
    }

    /// Rows of a query that gives one column, from the engine's state.
    public func query(_ sql: String) async throws -> [String] {
        let script = """
            import sqlite3, sys
            for row in sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute(sys.argv[2]): print(row[0])
            """
        return try await Command.succeed(["python3", "-c", script, "\(root)/state.db", sql]).lines
    }
}
