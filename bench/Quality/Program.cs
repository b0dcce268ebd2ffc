using Ueq.Bench.Quality;

// The name of a table, made through the ueq command alone, as a user would, but for nll and the null tables: those take what is to be made alone.
return args switch
{
    ["nll", _, ..] => await NllTable.MakeAsync("nll-uci", args[1..]),
    [{ } page, _, ..] when page.StartsWith("drift-null", StringComparison.Ordinal) && Tables.All.ContainsKey(page) => Ueq.Bench.Quality.Monitoring.NullRuns.Make(page, args[1..]),
    [{ } name] when Tables.All.TryGetValue(name, out Func<Task<int>>? make) => await make(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine($"Usage: dotnet run -c Release --project bench/Quality -- {string.Join('|', Tables.All.Keys)}");
    return 2;
}
