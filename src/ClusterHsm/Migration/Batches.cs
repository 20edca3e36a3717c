namespace ClusterHsm.Migration;

/// <summary>A list in batches, each read only as it is used: the list may be slower than what is done with it.</summary>
internal static class Batches
{
    /// <summary>Does the same with one batch after the other; an empty list is one empty batch.</summary>
    /// <param name="all">The list, read once.</param>
    /// <param name="most">How many a batch has at most.</param>
    /// <param name="work">What is done; it reads its batch to the end, or throws.</param>
    public static async Task ForEachAsync<T>(IEnumerable<T> all, int most, Func<IEnumerable<T>, Task> work)
    {
        using IEnumerator<T> rest = all.GetEnumerator();
        bool hasOne = false, isOver = false;
        do
        {
            await work(Next()).ConfigureAwait(false);
            hasOne = !isOver && rest.MoveNext(); // no batch of none after a full one
        }
        while (hasOne);

        IEnumerable<T> Next()
        {
            for (int taken = 0; taken < most; taken++)
            {
                if (!hasOne && !rest.MoveNext())
                {
                    isOver = true;
                    yield break;
                }
                hasOne = false;
                yield return rest.Current;
            }
        }
    }
}
