import JSONRPC
import KenterProtocol

/// What has to be done so that a project runs as its file says: a pure function of the file and of what is there.
package struct ComposePlan: Sendable, Equatable {
    /// A container that is there.
    package struct Existing: Sendable, Equatable {
        package var id: String
        package var name: String
        package var service: String
        package var hash: String
        package var isRunning: Bool
        /// Whether its image is the one that its name means now.
        package var isImageCurrent: Bool

        package init(
            id: String, name: String, service: String, hash: String, isRunning: Bool, isImageCurrent: Bool = true
        ) {
            self.id = id
            self.name = name
            self.service = service
            self.hash = hash
            self.isRunning = isRunning
            self.isImageCurrent = isImageCurrent
        }
    }

    package enum Action: Sendable, Equatable {
        case keep
        case start(id: String)
        /// It runs, but what it restarts with does not go on as it was.
        case restart(id: String)
        case create
        /// Create, and remove these, newest first.
        case replace(ids: [String])
    }

    /// By service, in the order in which they start.
    package var actions: [(service: String, action: Action)]
    /// Containers of services that the file has no more.
    package var orphans: [Existing]

    /// - Parameter services: The names that were asked for, with all that they depend on; empty for all of them.
    package init(_ project: ComposeProject, existing: [Existing], services: Set<String> = [], forcesNew: Bool = false) {
        let named = services.isEmpty ? project.services : project.services.filter { services.contains($0.name) }
        var renewed: Set<String> = []
        var started: Set<String> = []
        actions = []
        for service in project.withDependencies(named) {
            let found = existing.filter { $0.service == service.name }
            // One of another name is what an `up` that was killed has left.
            let isStale = found.contains { existing in
                existing.hash != service.hash || !existing.isImageCurrent || existing.name != service.container.name
            }
            let refersToNew = !service.references.isDisjoint(with: renewed)
            let action: Action
            if found.isEmpty {
                action = .create
            } else if isStale || refersToNew || forcesNew || found.count > 1 {
                action = .replace(ids: found.map(\.id))
            } else if !found[0].isRunning {
                action = .start(id: found[0].id)
            } else {
                action = service.restarts(with: started) ? .restart(id: found[0].id) : .keep
            }
            switch action {
            case .create, .replace: renewed.insert(service.name)
            case .keep, .start, .restart: break
            }
            if action != .keep { started.insert(service.name) }
            actions.append((service.name, action))
        }
        orphans = existing.filter { found in
            project.service(found.service) == nil && !project.disabledServices.contains(found.service)
        }
    }

    package static func == (left: ComposePlan, right: ComposePlan) -> Bool {
        left.orphans == right.orphans && left.actions.map(\.service) == right.actions.map(\.service)
            && left.actions.map(\.action) == right.actions.map(\.action)
    }
}

extension ComposeService {
    /// Tells one description of a service from another: FNV-1a of its canonical text. Nobody gains by a collision.
    package var hash: String {
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in canonicalText.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(digest, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private var canonicalText: String {
        var container = container
        // Where the file lies changes nothing of the container.
        for label in [ComposeLabel.files, ComposeLabel.directory] { container.labels?[label] = nil }
        // These types always encode.
        let request = (try? JSONValueEncoder().encodeObject(container)) ?? JSONObject()
        return Self.sorted(.object(request)).text
    }

    /// With the members of every object by name: dictionaries have no order of their own.
    private static func sorted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            let members = object.members.sorted { $0.name < $1.name }
            return .object(JSONObject(members.map { ($0.name, sorted($0.value)) }))
        case .array(let items): return .array(items.map(sorted))
        default: return value
        }
    }
}
