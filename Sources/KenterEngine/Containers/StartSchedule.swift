/// Which containers may start now, of many that are to start: decisions only.
///
/// A container starts when all of its sources have started or failed; it waits for nothing else, so that one that takes
/// long, or fails, holds up nobody but its own consumers. Those of a cycle start together.
struct StartSchedule: Sendable {
    private let groups: [[String]]
    /// Which groups wait for a group, and for how many each of them still waits.
    private var dependents: [[Int]]
    private var missing: [Int]

    /// - Parameters:
    ///   - containers: Ids of all that are to start, each once.
    ///   - links: Consumers and their sources; links to containers that are not to start are ignored.
    init(_ containers: [String], links: [(consumer: String, source: String)]) {
        groups = StartOrder(containers, links: links).groups
        var indices: [String: Int] = [:]
        for (index, group) in groups.enumerated() { for id in group { indices[id] = index } }
        var pairs = Set<[Int]>()
        for link in links {
            guard let consumer = indices[link.consumer], let source = indices[link.source], consumer != source else {
                continue
            }
            pairs.insert([source, consumer])
        }
        dependents = Array(repeating: [], count: groups.count)
        missing = Array(repeating: 0, count: groups.count)
        for pair in pairs {
            dependents[pair[0]].append(pair[1])
            missing[pair[1]] += 1
        }
        for index in dependents.indices { dependents[index].sort() }
    }

    /// The groups that wait for nobody, by number.
    var first: [Int] { groups.indices.filter { missing[$0] == 0 } }

    func members(of group: Int) -> [String] { groups[group] }

    /// Notes that a group has started or failed, and returns the groups that may start now because of it.
    mutating func finished(_ group: Int) -> [Int] {
        var ready: [Int] = []
        for next in dependents[group] {
            missing[next] -= 1
            if missing[next] == 0 { ready.append(next) }
        }
        return ready
    }
}
