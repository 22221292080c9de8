/// In which order containers start: the sources of links before their consumers, cycles together.
package struct StartOrder: Sendable, Equatable {
    /// Containers to start at the same time, group after group. Groups of more than one are cycles; within a group, and
    /// among groups that do not depend on each other, the order is that of the input.
    package let groups: [[String]]

    /// The cycles among the groups.
    package var cycles: [[String]] { groups.filter { $0.count > 1 } }

    /// - Parameters:
    ///   - containers: Ids of all that are to start, each once.
    ///   - links: Consumers and their sources; links to containers that are not to start are ignored.
    package init(_ containers: [String], links: [(consumer: String, source: String)]) {
        var search = ComponentSearch(containers, links)
        for index in containers.indices { search.visit(index) }
        groups = search.components.map { $0.sorted().map { containers[$0] } }
    }
}

/// Strongly connected components, sources first (R. Tarjan, "Depth-first search and linear graph algorithms", 1972),
/// without recursion: a chain of links may be longer than a stack is deep.
private struct ComponentSearch {
    private let sources: [[Int]]
    private var order: [Int?]
    /// The earliest container on the stack that can be reached.
    private var lowest: [Int]
    private var isOnStack: [Bool]
    private var stack: [Int] = []
    private var visited = 0
    private(set) var components: [[Int]] = []

    init(_ containers: [String], _ links: [(consumer: String, source: String)]) {
        let indices = Dictionary(containers.enumerated().map { ($1, $0) }) { first, _ in first }
        var sources = [[Int]](repeating: [], count: containers.count)
        for link in links {
            guard let consumer = indices[link.consumer], let source = indices[link.source] else { continue }
            sources[consumer].append(source)
        }
        self.sources = sources.map { $0.sorted() }
        order = Array(repeating: nil, count: containers.count)
        lowest = Array(repeating: 0, count: containers.count)
        isOnStack = Array(repeating: false, count: containers.count)
    }

    mutating func visit(_ start: Int) {
        guard order[start] == nil else { return }
        enter(start)
        var path: [(node: Int, next: Int)] = [(start, 0)]
        while let (node, next) = path.last {
            if next < sources[node].count {
                path[path.count - 1].next += 1
                let source = sources[node][next]
                if let position = order[source] {
                    if isOnStack[source] { lowest[node] = min(lowest[node], position) }
                } else {
                    enter(source)
                    path.append((source, 0))
                }
            } else {
                path.removeLast()
                if lowest[node] == order[node] { components.append(takeComponent(of: node)) }
                if let parent = path.last?.node { lowest[parent] = min(lowest[parent], lowest[node]) }
            }
        }
    }

    private mutating func enter(_ node: Int) {
        order[node] = visited
        lowest[node] = visited
        visited += 1
        stack.append(node)
        isOnStack[node] = true
    }

    private mutating func takeComponent(of root: Int) -> [Int] {
        var component: [Int] = []
        while let node = stack.popLast() {
            isOnStack[node] = false
            component.append(node)
            if node == root { break }
        }
        return component
    }
}
