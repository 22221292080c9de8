import Glibc
import KenterCompose

/// The compose files of a command that names none, as Docker finds them.
enum ComposeFiles {
    private static let names = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"]
    private static let overrideNames = [
        "compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml",
    ]

    /// Those of `COMPOSE_FILE`, else what lies in the directory or above, with an override file beside it.
    static func found(
        _ environment: ComposeEnvironment, from directory: String
    ) throws(CommandFailure) -> [String] {
        if let list = environment.value("COMPOSE_FILE"), !list.isEmpty { return split(list, environment) }
        var directory = directory
        while true {
            if let file = first(of: names, in: directory) {
                return [file] + [first(of: overrideNames, in: directory)].compactMap(\.self)
            }
            guard let slash = directory.lastIndex(of: "/"), directory != "/" else { break }
            directory = slash == directory.startIndex ? "/" : String(directory[..<slash])
        }
        throw CommandFailure("no compose file here or above: name one with -f FILE")
    }

    private static func split(_ list: String, _ environment: ComposeEnvironment) -> [String] {
        guard let separator = environment.value("COMPOSE_PATH_SEPARATOR"), !separator.isEmpty else {
            return list.split(separator: ":").map(String.init)
        }
        return list.split(separator: separator).map(String.init)
    }

    private static func first(of names: [String], in directory: String) -> String? {
        names.map { "\(directory)/\($0)" }.first { access($0, F_OK) == 0 }
    }
}
