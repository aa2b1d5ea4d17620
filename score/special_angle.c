/* SPDX-License-Identifier: Apache-2.0 */
/* Taylor's series after an argument has been made small: for a tangent by halving the angle twice,
 * for a point on the circle by quarters of it. Nothing in winnow takes a sine often enough for a
 * shorter polynomial to matter. */
#include <math.h>

#include "score/special.h"

/* pi / 2 in three parts, the first two of 33 bits, so that a number of quarters times them is exact. */
#define QUARTER_HIGH   0x1.921fb544p+0
#define QUARTER_MIDDLE 0x1.0b4611a6p-34
#define QUARTER_LOW    0x1.3198a2e037073p-69
#define QUARTER        1.5707963267948966
#define ATAN_TERMS     12 /* 0.2^25 / 25 < 2^-62 */
#define CIRCLE_TERMS   9  /* (pi / 4)^19 / 19! < 2^-62 */

/* For x >= 0, of which tan(x / 2) is made twice. */
static double atan_folded(double x)
{
    double sum = 0.0;
    for (int i = 0; i < 2; i++)
        x = x / (1.0 + sqrt(1.0 + x * x));
    for (int k = ATAN_TERMS; k > 0; k--)
        sum = (1.0 / (2 * k + 1) - sum) * (x * x);
    return 4.0 * (x - x * sum);
}

double special_atan(double x)
{
    double size = fabs(x);
    double angle = size > 1.0 ? QUARTER - atan_folded(1.0 / size) : atan_folded(size);
    return x < 0.0 ? -angle : angle;
}

struct special_point special_circle(double angle)
{
    double quarters = floor(angle / QUARTER + 0.5);
    double x = angle - quarters * QUARTER_HIGH - quarters * QUARTER_MIDDLE - quarters * QUARTER_LOW;
    double sin = 0.0, cos = 0.0, square = x * x;
    for (int k = CIRCLE_TERMS; k > 0; k--) {
        sin = (1.0 - sin) * (square / (2 * k * (2 * k + 1)));
        cos = (1.0 - cos) * (square / (2 * k * (2 * k - 1)));
    }
    sin = x - x * sin;
    cos = 1.0 - cos;
    switch ((int)(quarters - 4.0 * floor(quarters / 4.0))) {
    case 1:
        return (struct special_point){-sin, cos};
    case 2:
        return (struct special_point){-cos, -sin};
    case 3:
        return (struct special_point){sin, -cos};
    default:
        return (struct special_point){cos, sin};
    }
}
