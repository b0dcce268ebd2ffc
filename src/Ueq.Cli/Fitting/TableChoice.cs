using Ueq.Data;
using Ueq.Versions;

namespace Ueq.Cli.Fitting;

/// <summary>Which tables a call reads, and how.</summary>
/// <param name="Data">Rows to learn from, or to test on; <c>null</c> where only a calibration is needed.</param>
/// <param name="Calibration">Rows that models from files have not seen; <c>null</c> where --data serves.</param>
/// <param name="Target">The column to predict.</param>
/// <param name="Task">regression, classification or auto.</param>
/// <param name="Csv">How the files are read.</param>
internal sealed record TableChoice(string? Data, string? Calibration, string Target, string Task, CsvOptions Csv)
{
    /// <summary>Reads the rows that are fitted or calibrated on, and makes the models of files for them.</summary>
    public (Dataset Rows, FitSettings Settings) Read(IReadOnlyList<string> models, IReadOnlyList<string> methods, FitSettings settings)
    {
        FileHints hints = new(methods.Contains(MethodNames.McDropout), Task, settings.Score);
        ModelFile[] files = [.. models.SelectMany(model => model.Split(',')).Where(ModelNames.IsFile).Distinct().Select(model => ModelFile.Open(model, hints))];
        Check(models, files);
        string path = Calibration ?? Data!;
        Dataset rows = TaskChoice.Read(Data ?? path, Target, TaskOf(files), methods, Csv);
        IReadOnlyList<string>? classes = Classes(rows, files, path);
        if (path != Data && Data is not null || classes != rows.Classes) rows = CsvTable.ReadLabelled(path, Target, rows.Schema, classes, Csv);
        return (rows, settings with { Files = files.ToDictionary(file => file.Path, file => file.Make(rows.Schema, rows.X, rows.Classes)) });
    }

    /// <summary>Reads further rows as the first ones were read: the same columns, categories and classes.</summary>
    public Dataset ReadLike(Dataset rows, string path) => CsvTable.ReadLabelled(path, Target, rows.Schema, rows.Classes, Csv);

    private void Check(IReadOnlyList<string> models, ModelFile[] files)
    {
        bool allFiles = models.Count > 0 && models.All(model => model.Split(',').All(ModelNames.IsFile));
        if (Calibration is null && Data is null)
            throw new UsageException(files.Length > 0 ? $"{files[0].Path} is fitted already: give rows that it has not seen as --calibration FILE." : "--data FILE is needed: rows to learn from.");
        if (Calibration is not null && !allFiles)
            throw new UsageException("--calibration is for models that come from files; of --data a part calibrates what is fitted here (--calibration-share).");
    }

    // The model knows what it answers with; a person who says otherwise is told by the making of it.
    private string TaskOf(ModelFile[] files)
    {
        if (Task != TaskChoice.Auto) return Task;
        ModelFile[] known = [.. files.Where(file => file.Task is not null)];
        if (known.Length == 0) return Task;
        if (known.FirstOrDefault(file => file.Task != known[0].Task) is { } other)
            throw new UsageException($"{known[0].Path} is a {Word(known[0].Task)} model and {other.Path} a {Word(other.Task)} model: they cannot answer the same question.");
        return Word(known[0].Task);
    }

    private static string Word(ModelTask? task) => task == ModelTask.Classification ? "classification" : "regression";

    /// <summary>The classes in the model's order, since the places of its probabilities cannot be changed; the data's own where no model tells.</summary>
    private IReadOnlyList<string>? Classes(Dataset rows, ModelFile[] files, string path)
    {
        if (rows.Classes is null) return null;
        ModelFile[] named = [.. files.Where(file => file.ClassNames is not null)];
        if (named.Length == 0) return rows.Classes;
        IReadOnlyList<string> classes = named[0].ClassNames!;
        if (named.FirstOrDefault(file => !file.ClassNames!.SequenceEqual(classes)) is { } other)
            throw new UsageException($"{named[0].Path} answers with the classes {Say(classes)}, and {other.Path} with {Say(other.ClassNames!)}: expected the same in the same order.");
        if (IsNoAndYes(classes) && IsNoAndYes(rows.Classes)) return rows.Classes;
        return rows.Classes.FirstOrDefault(name => !classes.Contains(name)) is { } unknown
            ? throw new InvalidDataException($"{path}: expected in column '{Target}' the classes that {named[0].Path} answers with ({Say(classes)}), got '{unknown}'.")
            : classes;
    }

    // What ML.NET calls False and True stands as 0 and 1, or false and true, in most tables.
    private static bool IsNoAndYes(IReadOnlyList<string> names) => names is ["0", "1"]
        || (names.Count == 2 && names[0].Equals("false", StringComparison.OrdinalIgnoreCase) && names[1].Equals("true", StringComparison.OrdinalIgnoreCase));

    private static string Say(IReadOnlyList<string> names) =>
        names.Count <= 10 ? string.Join(", ", names.Select(name => $"'{name}'")) : $"{string.Join(", ", names.Take(10).Select(name => $"'{name}'"))} and {names.Count - 10} more";
}
