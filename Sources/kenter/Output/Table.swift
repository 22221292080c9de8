/// Rows under headings, in columns as wide as they need: at least 10 characters with the 3 spaces that part them.
struct Table {
    private let headings: [String]
    private var rows: [[String]] = []

    init(_ headings: [String]) {
        self.headings = headings
    }

    mutating func add(_ row: [String]) {
        rows.append(row.map(TerminalText.escaped))
    }

    /// The whole table, with a line feed after every row.
    var text: String {
        let lines = [headings] + rows
        let widths = headings.indices.map { column in max(10, (lines.map { $0[column].count }.max() ?? 0) + 3) }
        var output = ""
        for line in lines {
            for (column, cell) in line.enumerated() {
                output += cell
                // Nothing follows the last column.
                guard column < line.count - 1 else { continue }
                output += String(repeating: " ", count: widths[column] - cell.count)
            }
            output += "\n"
        }
        return output
    }
}
