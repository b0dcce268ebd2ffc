using Ueq.Bench.Quality;

// One argument: the name of a table. Each is made through the ueq command alone, as a user would.
return args is [{ } name] && Tables.All.TryGetValue(name, out Func<Task<int>>? make)
    ? await make()
    : Usage();

static int Usage()
{
    Console.Error.WriteLine($"Usage: dotnet run -c Release --project bench/Quality -- {string.Join('|', Tables.All.Keys)}");
    return 2;
}
