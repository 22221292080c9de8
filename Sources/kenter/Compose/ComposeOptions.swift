import ChildProcess
import Glibc
import JSONRPC
import KenterClient
import KenterCompose
import KenterProtocol

/// Which compose files a command is about.
struct ComposeOptions {
    private let files: [String]
    private let projectName: String?
    private let directory: String?
    private let environmentFile: String?
    private let profiles: [String]

    /// - Parameter hasShortFile: Whether `-f` means the file here; `logs -f` follows.
    init(_ arguments: inout ArgumentReader, hasShortFile: Bool = true) throws(CommandFailure) {
        let help =
            "A compose file, over those before it; - for standard input (default: compose.yaml and its override file)."
        files =
            hasShortFile
            ? arguments.values("file", "f", "path", help) : arguments.values("file", "path", help)
        projectName = arguments.value(
            "project-name", "p", "name", "The project's name (default: the first file's directory).")
        directory = arguments.value("project-directory", "path", "What relative paths start from.")
        environmentFile = arguments.value("env-file", "path", "Variables of the files (default: .env).")
        profiles = arguments.values("profile", "name", "Switch a profile on; * for all.")
    }

    // MARK: reading

    /// The project with the services whose profiles are on, those of the services that are named included; its warnings
    /// are told where it is a matter of what its containers will be.
    func project(named: [String] = [], tellsWarnings: Bool = true) async throws -> ComposeProject {
        var (documents, context) = try await read()
        context.namedServices = Set(named)
        return try project(documents, context, tellsWarnings: tellsWarnings)
    }

    /// The project with all of its services, for what its containers do already.
    func wholeProject() async throws -> ComposeProject {
        var (documents, context) = try await read()
        context.takesEveryProfile = true
        return try project(documents, context, tellsWarnings: false)
    }

    /// The same for what needs no file: where there is none, but a name, what carries that project's labels.
    func presentProject(_ client: EngineClient) async throws -> ComposeProject {
        guard let name = try nameWithoutFile() else { return try await wholeProject() }
        let filters = try ListFilters(["label=\(ComposeLabel.project)=\(name)"], [("label", ListFilters.label)])
        func names(_ method: String, _ member: String) async throws -> [String] {
            try await Listing.all(client, method, member).filter(filters.match).compactMap {
                $0.object?["name"]?.string
            }
        }
        return ComposeProject.labelled(
            name, networks: try await names(NetworkList.name, "networks"),
            volumes: try await names(VolumeList.name, "volumes"))
    }

    private func nameWithoutFile() throws -> String? {
        let current = Self.currentDirectory
        let environment = try environment(in: directory ?? current)
        // That there is none is what is asked.
        guard files.isEmpty, (try? ComposeFiles.found(environment, from: current)) == nil else { return nil }
        return projectName ?? environment.value("COMPOSE_PROJECT_NAME").flatMap { $0.isEmpty ? nil : $0 }
    }

    func project(
        _ documents: [JSONValue], _ context: ComposeContext, tellsWarnings: Bool = true
    ) throws -> ComposeProject {
        let project = try ComposeFile.project(documents, context)
        guard tellsWarnings else { return project }
        for warning in project.warnings { Output.errorLine("WARNING: \(TerminalText.escaped(warning))") }
        return project
    }

    func read() async throws -> (documents: [JSONValue], context: ComposeContext) {
        let current = Self.currentDirectory
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(current)/\(path)" }
        let place = directory.map(absolute)
        // Which files there are may itself stand in `.env`.
        let paths =
            try files.isEmpty ? ComposeFiles.found(environment(in: place ?? current), from: current) : files
        var documents: [JSONValue] = []
        for path in paths { documents.append(try await Self.parse(try Self.text(path), path)) }
        let absolutes = paths.map(absolute)
        let parent = absolutes.first.flatMap { path in path.lastIndex(of: "/").map { String(path[..<$0]) } } ?? current
        let root = Self.resolved(place ?? parent + "/") ?? place ?? parent
        let environment = try environment(in: root)
        var profiles = Set(profiles)
        profiles.formUnion((environment.value("COMPOSE_PROFILES") ?? "").split(separator: ",").map(String.init))
        let context = ComposeContext(
            environment: environment, directory: root, files: absolutes,
            projectName: projectName ?? environment.value("COMPOSE_PROJECT_NAME").flatMap { $0.isEmpty ? nil : $0 },
            profiles: profiles, readFile: { TextFile.read($0) })
        return (documents, context)
    }

    /// Variables of this process, and of the file of variables that is named, or lies in the directory.
    private func environment(in directory: String) throws -> ComposeEnvironment {
        var environment = ComposeEnvironment(own: { Environment.value($0) })
        let file = environmentFile ?? "\(directory)/.env"
        if let text = TextFile.read(file) {
            try environment.addFile(text, path: file)
        } else if environmentFile != nil {
            throw CommandFailure("cannot read \(file): \(String(cString: strerror(errno)))")
        }
        return environment
    }

    private static func text(_ path: String) throws(CommandFailure) -> String {
        guard let text = TextFile.read(path == "-" ? "/dev/stdin" : path) else {
            throw CommandFailure("cannot read \(path): \(String(cString: strerror(errno)))")
        }
        return text
    }

    /// The file as a tree. The parser is another executable, so that no other command has to carry it.
    private static func parse(_ text: String, _ path: String) async throws -> JSONValue {
        let parser = try CompanionExecutable.path(of: "kenter-yaml")
        let result = try await ChildProcess(parser, []).collect(input: Array(text.utf8), limitBytes: 16 << 20)
        guard result.status == .exited(0) else {
            throw CommandFailure("\(path) is no YAML that can be read: \(result.message)")
        }
        return try JSONScanner.scan(result.standardOutput)
    }

    private static var currentDirectory: String { resolved(".") ?? "/" }

    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

/// Executables that come with this one.
enum CompanionExecutable {
    /// In `../libexec/kenter` when installed, in a build tree beside this one.
    static func path(of name: String) throws -> String {
        guard let own = realpath("/proc/self/exe", nil) else { throw CommandFailure("/proc is not mounted") }
        defer { free(own) }
        let path = String(cString: own)
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        for candidate in ["\(directory)/../libexec/kenter/\(name)", "\(directory)/\(name)"]
        where access(candidate, X_OK) == 0 {
            return candidate
        }
        throw CommandFailure("\(name) is missing: install Kenter again")
    }
}
