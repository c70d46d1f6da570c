package ringside.translator;

/**
 * What a region did in a run.
 *
 * @param rip where it was entered last, linear without CS base
 * @param instructions guest instructions retired in it
 * @param entries times it was entered
 * @param length guest instructions that it holds
 */
public record RegionFigures(long rip, long instructions, long entries, int length) {}
