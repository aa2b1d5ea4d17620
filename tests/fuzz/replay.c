/* SPDX-License-Identifier: Apache-2.0 */
/* What libFuzzer does with a corpus and without mutations, for builds that have no libFuzzer: each
 * file of the folders named, once. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc((size_t)1 << 20);
    if (!file || !data)
        return 1;
    size_t size = fread(data, 1, (size_t)1 << 20, file);
    fclose(file);
    /* as large as the input and no larger, so that reading past it is seen */
    uint8_t *exact = realloc(data, size ? size : 1);
    LLVMFuzzerTestOneInput(exact ? exact : data, size);
    free(exact ? exact : data);
    return 0;
}

static int replay_folder(const char *folder, int *n)
{
    char path[4096];
    DIR *entries = opendir(folder);
    int bad = 0;
    if (!entries)
        return 1;
    for (struct dirent *entry; (entry = readdir(entries));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        bad |= replay_file(path);
        ++*n;
    }
    closedir(entries);
    return bad;
}

int main(int argc, char **argv)
{
    int n = 0;
    for (int i = 1; i < argc; i++)
        if (replay_folder(argv[i], &n)) {
            fprintf(stderr, "cannot read %s\n", argv[i]);
            return 1;
        }
    printf("%d seeds\n", n);
    return n == 0;
}
