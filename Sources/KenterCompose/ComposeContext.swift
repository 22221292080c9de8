/// What surrounds compose files.
package struct ComposeContext: Sendable {
    /// Of the calling process and the project's `.env`.
    package var environment: ComposeEnvironment
    /// Absolute: what relative paths start from.
    package var directory: String
    /// Where they were read, in the order in which they are merged; shown in labels.
    package var files: [String]
    /// The project's name where the caller says it; else the files' own, else the directory's.
    package var projectName: String?
    /// Profiles that are switched on; `*` for all.
    package var profiles: Set<String>
    /// Services that the caller names: their profiles are on.
    package var namedServices: Set<String>
    /// For what is already there, whatever it was brought up with: services of profiles that are off belong to it, too,
    /// as far as they can be read.
    package var takesEveryProfile: Bool
    /// The text of another file; `nil` when there is none.
    package var readFile: @Sendable (String) -> String?

    package init(
        environment: ComposeEnvironment, directory: String, files: [String], projectName: String? = nil,
        profiles: Set<String> = [], namedServices: Set<String> = [], takesEveryProfile: Bool = false,
        readFile: @escaping @Sendable (String) -> String?
    ) {
        self.environment = environment
        self.directory = directory
        self.files = files
        self.projectName = projectName
        self.profiles = profiles
        self.namedServices = namedServices
        self.takesEveryProfile = takesEveryProfile
        self.readFile = readFile
    }

    /// `./data`, `~/data` and `data/x` as absolute paths.
    func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return Self.normalized(path) }
        if path == "~" || path.hasPrefix("~/"), let home = environment.value("HOME") {
            return Self.normalized(home + path.dropFirst())
        }
        return Self.normalized("\(directory)/\(path)")
    }

    private static func normalized(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// Lower case, letters and digits, `-` and `_`, beginning with a letter or digit; `nil` when nothing is left.
    static func projectName(from text: String) -> String? {
        let kept = text.lowercased().filter { ($0.isASCII && ($0.isLetter || $0.isNumber)) || $0 == "-" || $0 == "_" }
        let name = String(kept.drop { $0 == "-" || $0 == "_" })
        return name.isEmpty ? nil : name
    }
}
