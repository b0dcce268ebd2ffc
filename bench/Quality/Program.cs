using Ueq.Bench.Quality;

// The name of a table, made through the ueq command alone, as a user would, but for nll: that one takes data sets and methods to be made anew.
return args switch
{
    ["nll", _, ..] => await NllTable.MakeAsync("nll-uci", args[1..]),
    [{ } name] when Tables.All.TryGetValue(name, out Func<Task<int>>? make) => await make(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine($"Usage: dotnet run -c Release --project bench/Quality -- {string.Join('|', Tables.All.Keys)}");
    return 2;
}
