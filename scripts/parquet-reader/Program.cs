// Reads each .parquet file of a folder with ParquetSharp, which is Apache Arrow's C++ reader, and writes what it holds
// beside it: a line for each column (its type, and the statistics of each row group), then one for each row.
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using ParquetSharp;

foreach (var path in Directory.GetFiles(args[0], "*.parquet"))
{
    using var file = new ParquetFileReader(path);
    using var output = new StreamWriter(Path.ChangeExtension(path, ".jsonl"));
    var descriptors = Enumerable.Range(0, file.FileMetaData.NumColumns).Select(file.FileMetaData.Schema.Column).ToArray();
    var columns = descriptors.Select(_ => new List<string>()).ToArray();
    var statistics = descriptors.Select(_ => new List<string?>()).ToArray();
    for (var group = 0; group < file.FileMetaData.NumRowGroups; group++)
    {
        using var reader = file.RowGroup(group);
        var rows = checked((int)reader.MetaData.NumRows);
        for (var column = 0; column < columns.Length; column++)
        {
            using var chunk = reader.Column(column);
            columns[column].AddRange(Read(chunk, rows));
            using var found = reader.MetaData.GetColumnChunkMetaData(column).Statistics;
            statistics[column].Add(Describe(found));
        }
    }
    for (var column = 0; column < columns.Length; column++)
    {
        var type = descriptors[column].LogicalType.ToString();
        output.WriteLine(JsonSerializer.Serialize(new { descriptors[column].Name, type, groups = statistics[column] }));
    }
    for (var row = 0; row < file.FileMetaData.NumRows; row++)
        output.WriteLine(JsonSerializer.Serialize(columns.Select(column => column[row])));
}

// The stored values themselves, nothing converted.
static IEnumerable<string> Read(ColumnReader reader, int rows) => reader switch
{
    ColumnReader<bool> bools => ReadAs(bools, rows, value => value ? "true" : "false"),
    ColumnReader<int> ints => ReadAs(ints, rows, value => value.ToString(CultureInfo.InvariantCulture)),
    ColumnReader<long> longs => ReadAs(longs, rows, value => value.ToString(CultureInfo.InvariantCulture)),
    ColumnReader<double> doubles => ReadAs(doubles, rows, Bits),
    ColumnReader<ByteArray> texts => ReadAs(texts, rows, Base64),
    _ => throw new InvalidDataException($"found a column of {reader.ElementType}"),
};

static List<string> ReadAs<T>(ColumnReader<T> reader, int rows, Func<T, string> text) where T : unmanaged
{
    var cells = new List<string>(rows);
    var levels = new short[4096];
    var values = new T[4096];
    while (cells.Count < rows)
    {
        var levelsRead = reader.ReadBatch(levels.Length, levels, [], values, out var valuesRead);
        if (levelsRead == 0) throw new InvalidDataException($"found {cells.Count} rows, expected {rows}");
        var next = 0;
        for (var i = 0; i < levelsRead; i++) cells.Add(levels[i] == 0 ? "null" : text(values[next++]));
        if (next != valuesRead) throw new InvalidDataException($"found {valuesRead} values, expected {next}");
    }
    return cells;
}

static string Base64(ByteArray value)
{
    var bytes = new byte[value.Length];
    if (bytes.Length > 0) Marshal.Copy(value.Pointer, bytes, 0, bytes.Length);
    return "base64:" + Convert.ToBase64String(bytes);
}

static string? Describe(Statistics? found) => found switch
{
    null => null,
    { HasMinMax: false } => $"{found.NullCount}",
    Statistics<double> doubles => $"{found.NullCount} {Bits(doubles.Min)} {Bits(doubles.Max)}",
    _ => $"{found.NullCount} {found.MinUntyped} {found.MaxUntyped}",
};

static string Bits(double value) => "0x" + BitConverter.DoubleToInt64Bits(value).ToString("x16", CultureInfo.InvariantCulture);
